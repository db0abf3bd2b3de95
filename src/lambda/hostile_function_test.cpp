// Functions that mean no good, or have lost their way.
#include "lambda/supervisor.h"

#include <gmock/gmock.h>
#include <linux/landlock.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fstream>

#include "lambda/file_rules.h"
#include "lambda/test_host.h"

namespace croft::lambda {

using ::testing::HasSubstr;

namespace {

json::object document(const std::string& text) {
  return json::parse(text).value().as_object();
}

bool ended_within(pid_t pid, std::chrono::seconds patience) {
  for (MonoTime start = MonoTime::now(); MonoTime::now().ms - start.ms < patience.count() * 1000;) {
    if (::kill(pid, 0) != 0) return true;
    std::this_thread::yield();
  }
  return false;
}

}  // namespace

TEST(HostileFunction, IsKilledWithAllItStartedWhenTheTimeIsOver) {
  TestHost host;
  host.python("f",
              "import os, signal, subprocess, time\n"
              "def handler(event, context):\n"
              "    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
              "    child = subprocess.Popen(['sleep', '100'], start_new_session=True)\n"
              "    print('pids', os.getpid(), child.pid)\n"
              "    time.sleep(100)\n",
              {{"Timeout", 1}});

  Outcome outcome = host.invoke("f");
  json::object error = document(outcome.payload);

  EXPECT_EQ(outcome.function_error, "Unhandled");
  EXPECT_EQ(error["errorType"], "Sandbox.Timedout");
  EXPECT_THAT(std::string(error["errorMessage"].as_string()),
              ::testing::ContainsRegex("^20.*Z [0-9a-f-]{36} Task timed out after 1.00 seconds$"));
  int worker = 0;
  int child = 0;
  std::string log = host.log("f");
  ASSERT_EQ(std::sscanf(log.c_str() + log.find("pids"), "pids %d %d", &worker, &child), 2);
  EXPECT_TRUE(ended_within(worker, std::chrono::seconds(5)));
  EXPECT_TRUE(ended_within(child, std::chrono::seconds(5)));
}

TEST(HostileFunction, MayExitInMidInvocation) {
  TestHost host;
  host.python("f",
              "import os\ndef handler(event, context):\n    print('last words')\n    os._exit(event['status'])\n");

  json::object failed = document(host.invoke("f", R"({"status":3})").payload);
  json::object silent = document(host.invoke("f", R"({"status":0})").payload);

  EXPECT_EQ(failed["errorType"], "Runtime.ExitError");
  EXPECT_THAT(std::string(failed["errorMessage"].as_string()),
              ::testing::EndsWith("Error: Runtime exited with error: exit status 3"));
  EXPECT_THAT(std::string(silent["errorMessage"].as_string()),
              ::testing::EndsWith("Error: Runtime exited without providing a reason"));
  EXPECT_THAT(host.log("f"), HasSubstr("last words\nRequestId: "));
}

TEST(HostileFunction, MayKillItsOwnProcessGroupButNotCroft) {
  TestHost host;
  host.python("f", "import os, signal\ndef handler(event, context):\n    os.killpg(0, signal.SIGKILL)\n");

  json::object error = document(host.invoke("f").payload);

  EXPECT_THAT(std::string(error["errorMessage"].as_string()),
              ::testing::EndsWith("Runtime exited with error: signal: killed"));
}

TEST(HostileFunction, IsKilledWhenItUsesMoreThanItsMemory) {
  TestHost host;
  host.python("f",
              "import time\ndef handler(event, context):\n    kept = bytearray(300_000_000)\n"
              "    kept[::4096] = b'x' * len(kept[::4096])\n    time.sleep(20)\n",
              {{"MemorySize", 128}, {"Timeout", 15}});

  Outcome outcome = host.invoke("f");

  EXPECT_THAT(outcome.payload, HasSubstr("Runtime exited with error: signal: killed"));
  EXPECT_THAT(host.log("f"), HasSubstr("it used more than its MemorySize"));
}

TEST(HostileFunction, TakesItsDaemonsWithItWhenItExits) {
  TestHost host;
  host.python("f",
              "import os, subprocess, time\n"
              "def handler(event, context):\n"
              "    child = subprocess.Popen(['sleep', '100'], start_new_session=True)\n"
              "    print('pids', child.pid)\n"
              "    time.sleep(0.5)\n"  // a round of the supervisor, which then knows the daemon
              "    os._exit(1)\n");

  host.invoke("f");

  int child = 0;
  std::string log = host.log("f");
  ASSERT_EQ(std::sscanf(log.c_str() + log.find("pids"), "pids %d", &child), 1);
  EXPECT_TRUE(ended_within(child, std::chrono::seconds(5)));
}

TEST(HostileFunction, IsKilledWhenItForksWithoutEnd) {
  TestHost host;
  host.python("f",
              "import os, time\n"
              "def handler(event, context):\n"
              "    for _ in range(40):\n"
              "        if os.fork() == 0:\n"
              "            while True:\n"
              "                os.fork() if len(os.listdir('/proc')) < 600 else time.sleep(1)\n"
              "    time.sleep(60)\n",
              {{"Timeout", 3}, {"MemorySize", 1024}});

  EXPECT_EQ(host.invoke("f").function_error, "Unhandled");
  EXPECT_EQ(host.invoke("f").function_error, "Unhandled") << "croft still serves";
}

TEST(HostileFunction, MayCloseItsOutput) {
  TestHost host;
  host.python("f",
              "import os, sys\ndef handler(event, context):\n    os.close(1); os.close(2); sys.stdout.close()\n    "
              "return 7\n");

  EXPECT_EQ(host.invoke("f").payload, "7");
}

TEST(HostileFunction, MayPrintTenMegabytesInOneLine) {
  TestHost host;
  host.python("f", "def handler(event, context):\n    print('x' * 10_000_000)\n    print('done')\n    return 1\n",
              {{"Timeout", 20}});

  Outcome outcome = host.invoke("f");

  EXPECT_EQ(outcome.payload, "1");
  EXPECT_LE(outcome.log_tail.size(), 4096U);
  EXPECT_THAT(outcome.log_tail, HasSubstr("done\nEND RequestId: "));
  for (const LogLine& line : host.logs().read("f", 0, SIZE_MAX)) EXPECT_LE(line.text.size(), 256U * 1024);
}

TEST(HostileFunction, CannotSpeakToTheRuntimeApiOutOfTurn) {
  TestHost host;
  host.python("f",
              "import os, urllib.request, urllib.error\n"
              "def handler(event, context):\n"
              "    url = 'http://' + os.environ['AWS_LAMBDA_RUNTIME_API'] + '/2018-06-01/runtime/invocation/next'\n"
              "    try:\n        return urllib.request.urlopen(url, timeout=2).status\n"
              "    except urllib.error.HTTPError as e:\n        return [e.code, e.read().decode()]\n");

  Outcome outcome = host.invoke("f");

  EXPECT_THAT(outcome.payload, HasSubstr("[403"));
  EXPECT_THAT(outcome.payload, HasSubstr("InvalidStateTransition"));
}

TEST(HostileFunction, CannotKillCroftButItsOwnChildren) {
  TestHost host;
  host.python("f",
              "import os, signal, subprocess\n"
              "def can(pid):\n"
              "    try:\n        os.kill(pid, 0); return True\n    except PermissionError:\n        return False\n"
              "def handler(event, context):\n"
              "    child = subprocess.Popen(['sleep', '100'])\n"
              "    mine = can(child.pid)\n"
              "    child.kill()\n"
              "    return [mine, child.wait(), can(os.getppid())]\n");

  Outcome outcome = host.invoke("f");

  if (::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION) < 6)
    GTEST_SKIP() << "this kernel's Landlock keeps no signals in";
  EXPECT_EQ(outcome.payload, "[true, -9, false]");
}

TEST(HostileFunction, CannotReadCroftsDataOrTheCodeOfOthers) {
  TestHost host;
  host.python("other", "secret = 1\ndef handler(event, context):\n    return 1\n");
  host.invoke("other");
  std::ofstream(host.path() + "/CURRENT") << "secret";
  host.python(
      "f",
      "import glob, os, tempfile\n"
      "def can(path, mode='r'):\n"
      "    try:\n        open(path, mode).close(); return True\n    except PermissionError:\n        return False\n"
      "def handler(data, context):\n"
      "    own = os.environ['LAMBDA_TASK_ROOT'] + '/handler.py'\n"
      "    others = [p for p in glob.glob(data + '/functions/*/handler.py') if p != own]\n"
      "    with tempfile.NamedTemporaryFile() as f: kept = f.name.startswith(os.environ['TMPDIR'])\n"
      "    with tempfile.NamedTemporaryFile(dir='/tmp') as f: kept = kept and can(f.name, 'w')\n"
      "    return [can(own), can(own, 'w'), len(others), can(others[0]), can(data + '/CURRENT'), kept]\n");

  Outcome outcome = host.invoke("f", json::dump(json::value(host.path())));

  if (make_file_rules({.closed = host.path()}) < 0) GTEST_SKIP() << "this kernel has no Landlock";
  EXPECT_EQ(outcome.payload, "[true, false, 1, false, false, true]");
}

}  // namespace croft::lambda
