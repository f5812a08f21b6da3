// SPDX-License-Identifier: Apache-2.0
// The one main() of every test program.
#define BOOST_TEST_MODULE countersign
#include <boost/test/included/unit_test.hpp>
