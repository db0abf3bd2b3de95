# croft_embed(TARGET SYMBOL FILE...): puts each file's bytes into TARGET as
#   extern const char croft_<symbol>_<file name, dots as underscores>[], ..._end[];
function(croft_embed target symbol)
  set(assembly ${CMAKE_CURRENT_BINARY_DIR}/${symbol}_embedded.S)
  set(text "    .section .rodata\n")
  foreach(file IN LISTS ARGN)
    get_filename_component(name ${file} NAME)
    string(REGEX REPLACE "[^A-Za-z0-9]" "_" name ${name})
    string(APPEND text "    .global croft_${symbol}_${name}\n    .global croft_${symbol}_${name}_end\ncroft_${symbol}_${name}:\n    .incbin \"${file}\"\ncroft_${symbol}_${name}_end:\n    .byte 0\n")
  endforeach()
  string(APPEND text "    .section .note.GNU-stack,\"\",@progbits\n")
  file(CONFIGURE OUTPUT ${assembly} CONTENT "${text}" @ONLY)
  set_source_files_properties(${assembly} PROPERTIES OBJECT_DEPENDS "${ARGN}")
  target_sources(${target} PRIVATE ${assembly})
endfunction()

# The console's page, compressed and in two files that croft_console embeds. web/dist comes from tools/build_web; where it
# is not there, web/placeholder.html takes its place, so that building croft needs no Node.
function(croft_embed_console)
  find_program(CROFT_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)
  set(web ${PROJECT_SOURCE_DIR}/web)
  set(packed ${CMAKE_CURRENT_BINARY_DIR}/console.table ${CMAKE_CURRENT_BINARY_DIR}/console.bytes)
  file(GLOB_RECURSE built CONFIGURE_DEPENDS ${web}/dist/*)
  add_custom_command(OUTPUT ${packed}
    COMMAND ${CROFT_PYTHON} ${PROJECT_SOURCE_DIR}/tools/pack_console.py ${web} ${packed}
    DEPENDS ${PROJECT_SOURCE_DIR}/tools/pack_console.py ${web}/placeholder.html ${built} VERBATIM)
  croft_embed(croft_console console ${packed})
endfunction()
