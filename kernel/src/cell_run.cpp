#include "cell_run.h"

#include <stdexcept>

#include "wire.h"

namespace tapescope_kernel {
namespace {

CellRun* running = nullptr;  // cells do not nest, and all run on the main thread

TapescopeText text_of(std::string_view text) {
  return {text.data(), text.size()};
}

std::string_view view(TapescopeText text) {
  return {text.data, text.size};
}

}  // namespace

std::string display_content(std::string_view document, std::string_view svg, std::string_view text) {
  if (!nlohmann::json::accept(document)) {
    throw std::runtime_error("the document of the graph is not JSON");
  }
  std::string content = R"({"data":{"application/vnd.tapescope.graph.v1+json":)";
  content.reserve(content.size() + document.size() + svg.size() + text.size() + 256);
  content += document;
  content += R"(,"image/svg+xml":)";
  content += quote(svg);
  content += R"(,"text/plain":)";
  content += quote(text);
  content += R"(},"metadata":{},"transient":{}})";
  return content;
}

CellRun::CellRun(const EngineLink& link, CellText cell, Report report)
    : link_(link), cell_(std::move(cell)), report_(std::move(report)) {
  running = this;
  begin();
}

CellRun* CellRun::current() {
  return running;
}

void CellRun::begin() {
  if (open_ || !link_.connected() || cell_.mode == TAPESCOPE_MODE_OFF) {
    return;
  }
  const TapescopeCell opened{text_of(cell_.source), text_of(cell_.filename), cell_.execution_count, cell_.mode};
  if (link_.api().begin_cell(&opened) == 0) {
    open_ = true;
  } else {
    report_("the cell could not be recorded: " + link_.last_error());
  }
}

CellRun::~CellRun() {
  running = nullptr;
  end(std::nullopt, [](const std::string&) {});
}

void CellRun::end(const std::optional<CellFailure>& failure, const Show& show) {
  if (!open_) {
    return;
  }
  open_ = false;
  TapescopeFailure raised{};
  if (failure) {
    raised = {text_of(failure->type), text_of(failure->message), text_of(failure->filename), failure->line};
  }
  TapescopeBundle bundle{};
  const int state = link_.api().end_cell(failure ? &raised : nullptr, &bundle);
  if (state < 0) {
    report_("the cell's graph could not be drawn: " + link_.last_error());
  } else if (state == 1) {
    try {
      show(display_content(view(bundle.document), view(bundle.svg), view(bundle.text)));
    } catch (const std::exception& error) {
      report_(std::string("the cell's graph could not be shown: ") + error.what());
    }
    link_.api().free_bundle(&bundle);
  }
}

}  // namespace tapescope_kernel
