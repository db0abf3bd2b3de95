export function Brand() {
  return (
    <>
      <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
        <rect width="32" height="32" rx="7" />
        <path d="M7 17 16 8l9 9v7H7z" />
        <circle cx="16" cy="18" r="2.6" />
      </svg>
      croft
    </>
  );
}
