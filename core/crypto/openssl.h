// SPDX-License-Identifier: Apache-2.0
// For the .cpp files of this folder: libcrypto's calls that fail only on exhaustion or misuse end
// the process, because no caller could do better and an ignored failure could become an accept.
#pragma once

#include <cstdlib>

namespace countersign::crypto {

inline void must(bool held) {
  if (!held) std::abort();
}

// For std::unique_ptr: the library's own way to let a thing go.
template <auto release>
struct Release {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};

}  // namespace countersign::crypto
