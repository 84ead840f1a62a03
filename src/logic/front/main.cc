// `surety monitor` as a program of its own, for whoever needs the monitor and nothing else: it loads a
// quarter of the libraries that the whole of Surety does, and is there in a fifth of the time.
#include "logic/front/monitor_command.h"

int main(int argc, char** argv) { return surety::logic::monitor_main(argc, argv); }
