// One run of a cell under the recorder.
//
// Invariants
//   * Every recording that was begun is ended, on any way out.
//   * A cell that is the first to import the engine is recorded from there on: connecting begins the run in progress.
//   * The recorder never costs the user a result: what fails in it is told in words, once each, and the cell goes on.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine_link.h"

namespace tapescope_kernel {

struct CellText {
  std::string source;
  std::string filename;
  int execution_count = 0;
  int mode = TAPESCOPE_MODE_OFF;
};

struct CellFailure {
  std::string type;
  std::string message;
  std::string filename;
  long line = 0;
};

class CellRun {
 public:
  using Show = std::function<void(std::string content)>;           // content of a display_data message
  using Report = std::function<void(const std::string& trouble)>;  // a sentence for the user

  CellRun(const EngineLink& link, CellText cell, Report report);
  ~CellRun();
  CellRun(const CellRun&) = delete;
  CellRun& operator=(const CellRun&) = delete;

  // The run in progress; null: none is.
  static CellRun* current();
  // Opens the recording, if the engine is there and it is not open.
  void begin();
  void end(const std::optional<CellFailure>& failure, const Show& show);

 private:
  const EngineLink& link_;
  CellText cell_;
  Report report_;
  bool open_ = false;
};

// The message's content for a picture; the document is spliced in as it is. Throws if it is not JSON.
std::string display_content(std::string_view document, std::string_view svg, std::string_view text);

}  // namespace tapescope_kernel
