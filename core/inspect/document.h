// The document (schema: widgets/schema/graph.schema.json, version 1) and its plain forms, from a GraphView.
#pragma once

#include "core/inspect/graph_view.h"

namespace tapescope::inspect {

inline constexpr const char* kGenerator = "tapescope 0.1.0";

struct Bundle {
  std::string document;  // JSON
  std::string svg;       // still picture of at most 60 boxes
  std::string text;      // short tree
};

// This process's id in documents, and the next display's.
const std::string& session_id();
std::string next_display_id();

std::string write_document(const GraphView& g, const std::string& display);
std::string still_picture(const GraphView& g);
std::string text_tree(const GraphView& g);
Bundle make_bundle(const GraphView& g);

}  // namespace tapescope::inspect
