// SPDX-License-Identifier: Apache-2.0
// A recorded machine (tests/data/machines) unpacked into a folder that can stand for "/".
#pragma once

#include <string>

namespace countersign::test {

// Throws when the recording can't be read or unpacked.
void unpack_machine(const std::string& recording, const std::string& folder);
// One file of it again.
void set_machine_file(const std::string& folder, const std::string& path,
                      const std::string& content);

}  // namespace countersign::test
