// SPDX-License-Identifier: Apache-2.0
#include "devices/smartcard/base/application.h"

namespace countersign::devices::smartcard {

std::unique_ptr<Application> make_application(Capability kind, Apdus& apdus) {
  return kind == Capability::openpgp ? openpgp::make_application(apdus)
                                     : piv::make_application(apdus);
}

}  // namespace countersign::devices::smartcard
