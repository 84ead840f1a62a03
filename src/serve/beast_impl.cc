// The library half of Beast and Asio, compiled once (both macros are set for this room's targets).
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
