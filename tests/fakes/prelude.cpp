// SPDX-License-Identifier: Apache-2.0
// Has the tests' precompiled header made (root CMakeLists.txt). Nothing is in it, because that
// header has Boost.Test, and programs without Boost.Test link this library.
