// The real stderr of the process. Descriptor 2 is caught for the notebook; the log must not appear in a cell.
#pragma once

namespace tapescope_kernel {

int terminal_fd();

// Sends std::cerr and std::clog, ours and xeus's, there.
void redirect_logs();

}  // namespace tapescope_kernel
