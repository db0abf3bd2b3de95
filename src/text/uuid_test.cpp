#include "text/uuid.h"

#include <gmock/gmock.h>

#include "text/digest.h"

namespace croft::text {

TEST(Uuid, ComesBackAsItWasWritten) {
  for (int n = 0; n < 100; ++n) {
    const std::string text = random_uuid();
    EXPECT_EQ(Uuid(text).text(), text);
  }
  EXPECT_EQ(Uuid("bab409a3-306a-40a4-9a63-8b817ddac9b9").text(), "bab409a3-306a-40a4-9a63-8b817ddac9b9");
}

TEST(Uuid, IsNilForAnyOtherText) {
  for (const char* text : {"", "session", "bab409a3-306a-40a4-9a63-8b817ddac9b", "bab409a3-306a-40a4-9a63-8b817ddac9bg",
                           "bab409a33306a-40a4-9a63-8b817ddac9b9", "bab409a3-306a-40a4-9a63-8b817ddac-b9"}) {
    EXPECT_EQ(Uuid(text), Uuid()) << text;
  }
  EXPECT_EQ(Uuid().text(), "00000000-0000-0000-0000-000000000000");
}

}  // namespace croft::text
