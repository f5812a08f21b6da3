// SPDX-License-Identifier: Apache-2.0
#include "daemon/couriers/message_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/enum_names.h"
#include "core/base/text.h"
#include "daemon/base/safe_file.h"

namespace countersign::couriers {

Result<void> append_to_file(const std::string& path, const Message& message) {
  const auto trouble = [&] {
    return fail(Code::unavailable, "the messages' file " + path + " can't be written");
  };
  const Descriptor file(
      open(path.c_str(),
           O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600));
  struct stat about{};
  if (!file || fstat(file.get(), &about) != 0) return trouble();
  if (!S_ISREG(about.st_mode) || about.st_uid != geteuid() || (about.st_mode & 077U) != 0)
    return fail(Code::not_permitted,
                "the messages' file " + path +
                    " must be a file of the daemon's own user that no one else can read");
  std::string line = "{\"by\":\"" + std::string(to_name(message.by)) + "\",\"to\":";
  append_json_string(line, message.to);
  line += ",\"subject\":";
  append_json_string(line, message.subject);
  line += ",\"text\":";
  append_json_string(line, message.text.expose_text());
  line += "}\n";
  const bool written =
      write(file.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size());
  wipe(line);
  return written ? Result<void>() : trouble();
}

}  // namespace countersign::couriers
