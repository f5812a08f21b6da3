// SPDX-License-Identifier: Apache-2.0
#include "devices/smartcard/base/channel.h"

#include <utility>

namespace countersign::devices::smartcard {

reader::Failed failed(Loss loss) {
  using reader::Failure;
  switch (loss) {
    case Loss::removed:
      return {.failure = Failure::removed, .detail = "the card is gone"};
    case Loss::reset:
      return {.failure = Failure::busy, .detail = "another program keeps resetting the card"};
    case Loss::busy:
      return {.failure = Failure::busy, .detail = "another program has the card to itself"};
    case Loss::timed_out:
      return {.failure = Failure::timed_out, .detail = {}};
    case Loss::cancelled:
      return {.failure = Failure::cancelled, .detail = {}};
    case Loss::malformed:
      return {.failure = Failure::malformed, .detail = "an answer that is no response APDU"};
  }
  std::unreachable();
}

}  // namespace countersign::devices::smartcard
