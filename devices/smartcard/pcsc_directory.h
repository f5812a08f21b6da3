// SPDX-License-Identifier: Apache-2.0
// Which card readers there are and what is in them, as pcscd tells it. No pcscd is no error: then
// there are none.
#pragma once

#include <memory>
#include <vector>

#include "core/base/descriptor.h"
#include "devices/protocol/device.h"

namespace countersign::devices::smartcard {

class PcscDirectory {
 public:
  // watched: joins pcscd, where there is one, and listens for one that comes, where there is none.
  // Not watched: present() asks each time.
  [[nodiscard]] static PcscDirectory open(bool watched);
  PcscDirectory(PcscDirectory&& other) noexcept;
  ~PcscDirectory();

  // Begins to listen, in a thread of its own that lives as long as the process: to be called before
  // no thread can be made any more.
  void listen();

  // One Device a card; one with trouble no_card for each empty reader. A card that was pulled out
  // and put in again has another id. By id.
  [[nodiscard]] std::vector<Device> present() const;

  // Readable after a change. -1: not watched.
  [[nodiscard]] int events() const;
  void drain();
  // pcscd ended, or came: nothing more is heard here. A process that may open nothing ends, so that
  // another one starts again.
  [[nodiscard]] bool over() const;

 private:
  struct Shared;
  explicit PcscDirectory(std::shared_ptr<Shared> shared);
  std::shared_ptr<Shared> shared_;  // with the listening thread
};

}  // namespace countersign::devices::smartcard
