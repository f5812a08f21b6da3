// SPDX-License-Identifier: Apache-2.0
// bench-minimal: the least that a dynamically linked C++ program is.
int main() {}
