#include "device/pid_file.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace croft::device {
namespace {

class PidFileTest : public testing::Test {
 protected:
  PidFileTest() {
    char folder[] = "/tmp/croft-pid-XXXXXX";
    folder_ = ::mkdtemp(folder);
    path_ = folder_ + "/greengrassd.pid";
  }
  ~PidFileTest() override { std::filesystem::remove_all(folder_); }

  void leave_behind(const std::string& text) { std::ofstream(path_) << text; }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder_), {}));
  }

  std::string folder_, path_;
};

TEST_F(PidFileTest, HoldsTheNumberWhileItLivesAndIsGoneAfterwards) {
  {
    auto taken = PidFile::take(path_);
    ASSERT_TRUE(taken);
    const PidFile::Found found = PidFile::look(path_);
    EXPECT_EQ(found.state, PidFile::State::held);
    EXPECT_EQ(found.pid, ::getpid());
    EXPECT_EQ(files(), 1u);
  }
  EXPECT_EQ(PidFile::look(path_).state, PidFile::State::absent);
  EXPECT_EQ(files(), 0u);
}

TEST_F(PidFileTest, SecondTakerIsToldWhoRuns) {
  auto first = PidFile::take(path_);
  auto second = PidFile::take(path_);

  ASSERT_TRUE(first);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "AlreadyRunning");
  EXPECT_EQ(second.error().details, std::to_string(::getpid()));
  EXPECT_EQ(files(), 1u);
}

TEST_F(PidFileTest, StaleFileOfALivingStrangerIsReplaced) {
  leave_behind("1\n");
  EXPECT_EQ(PidFile::look(path_).state, PidFile::State::stale);
  EXPECT_EQ(PidFile::look(path_).pid, 1);

  auto taken = PidFile::take(path_);

  ASSERT_TRUE(taken);
  EXPECT_EQ(PidFile::look(path_).pid, ::getpid());
}

TEST_F(PidFileTest, GarbageIsAStaleFileWithoutNumber) {
  leave_behind("99999999999999999999 nonsense");

  EXPECT_EQ(PidFile::look(path_).pid, 0);
  EXPECT_TRUE(PidFile::take(path_));
}

TEST_F(PidFileTest, StaleFileCanBeRemovedAndAHeldOneCannot) {
  leave_behind("1\n");
  PidFile::remove_stale(path_);
  EXPECT_EQ(files(), 0u);

  auto taken = PidFile::take(path_);
  PidFile::remove_stale(path_);
  EXPECT_EQ(files(), 1u);
}

TEST_F(PidFileTest, OfManyStartersAtOnceExactlyOneTakesIt) {
  leave_behind("1\n");
  int ready[2], won[2];
  ASSERT_EQ(::pipe(ready), 0);
  ASSERT_EQ(::pipe(won), 0);
  std::vector<pid_t> children;
  for (int i = 0; i < 16; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(ready[1]);
      char byte;
      (void)!::read(ready[0], &byte, 1);  // released together, when the parent closes its end
      ::close(won[0]);
      auto taken = PidFile::take(path_);
      (void)!::write(won[1], taken ? "w" : "l", 1);
      ::close(won[1]);
      if (taken) ::pause();  // holds it until the parent is through
      ::_exit(0);
    }
    children.push_back(child);
  }
  ::close(ready[0]);
  ::close(ready[1]);

  std::string results;
  char byte;
  while (results.size() < children.size() && ::read(won[0], &byte, 1) == 1) results += byte;
  for (pid_t child : children) {
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }

  EXPECT_EQ(std::count(results.begin(), results.end(), 'w'), 1) << results;
  EXPECT_EQ(PidFile::look(path_).state, PidFile::State::stale);
}

TEST_F(PidFileTest, FolderThatCannotBeWrittenIsNamed) {
  auto taken = PidFile::take(folder_ + "/none/greengrassd.pid");

  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, "FileUnwritable");
}

}  // namespace
}  // namespace croft::device
