// Text from users on its way into documents and pictures. It is any bytes: names, messages and source lines with lone
// surrogates, cut in the middle of a character, or of another encoding. What comes out is UTF-8, always.
#pragma once

#include <string>
#include <string_view>

namespace tapescope::inspect {

// Bytes of the well-formed UTF-8 sequence that begins at text[at]; 0: none does.
size_t utf8_length(std::string_view text, size_t at);
// `text` with U+FFFD for each byte that belongs to no character.
std::string utf8(std::string_view text);
// At most `most` bytes of it, cut between characters, with "…" where something was cut off.
std::string cut(std::string_view text, size_t most);
// Number of characters; those that are no UTF-8 count a byte each.
size_t characters(std::string_view text);

void append_json_string(std::string& out, std::string_view text);
std::string json_string(std::string_view text);
// Six digits of it; what JSON has no number for is a string, as the schema's Float has it.
std::string json_number(double v);

// For an element's content or an attribute in double quotes.
std::string xml(std::string_view text);

}  // namespace tapescope::inspect
