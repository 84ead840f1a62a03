# room(NAME DEPS room… LIBS target… )
#
# Makes static library surety_NAME (alias surety::NAME) from the *.cc of the calling folder and,
# with SURETY_TESTS, the program surety-tests-NAME from its *_test.cc. DEPS are rooms, LIBS are
# outside libraries that only this room's .cc files need. ALONE are sources whose file-local names
# meet others': with SURETY_UNITY each is compiled by itself, the rest a few at a time, so that the
# standard library is parsed and instantiated once for them all (the whole product in half the time).
option(SURETY_UNITY "Compile several sources of a room as one" OFF)
add_library(surety_options INTERFACE)
target_include_directories(surety_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
# g++ 12 at -O2 sees uninitialised strings inside every std::variant of a vector: nothing but noise.
target_compile_options(surety_options INTERFACE -Wall -Wextra -Wshadow $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
  $<$<BOOL:${SURETY_WERROR}>:-Werror>)
find_program(SURETY_MOLD mold)
if(SURETY_MOLD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_link_options(surety_options INTERFACE -fuse-ld=mold)
endif()

function(surety_sanitize target)
  if(NOT SURETY_SANITIZE)
    return()
  endif()
  set(flags ${SURETY_SANITIZE})
  # S2's prebuilt abseil has another layout under ASan: geo is built without it, see docs/decisions.
  if(target STREQUAL "surety_geo")
    string(REGEX REPLACE "(^|,)address(,|$)" "\\1" flags "${flags}")
    string(REGEX REPLACE "(^,|,$)" "" flags "${flags}")
  endif()
  if(flags)
    target_compile_options(${target} PRIVATE -fsanitize=${flags} -fno-omit-frame-pointer)
  endif()
  target_link_options(${target} PUBLIC -fsanitize=${SURETY_SANITIZE})
endfunction()

function(room name)
  cmake_parse_arguments(R "" "" "DEPS;LIBS;ALONE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(TRANSFORM R_DEPS PREPEND surety:: OUTPUT_VARIABLE deps)
  if(NOT sources)  # a room of headers only
    add_library(surety_${name} INTERFACE)
    add_library(surety::${name} ALIAS surety_${name})
    target_link_libraries(surety_${name} INTERFACE surety_options fmt::fmt ${deps})
    return()
  endif()
  add_library(surety_${name} STATIC ${sources})
  add_library(surety::${name} ALIAS surety_${name})
  set_target_properties(surety_${name} PROPERTIES UNITY_BUILD ${SURETY_UNITY} UNITY_BUILD_BATCH_SIZE 6)
  set_source_files_properties(${R_ALONE} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  target_link_libraries(surety_${name} PUBLIC surety_options fmt::fmt ${deps} PRIVATE ${R_LIBS})
  surety_sanitize(surety_${name})
  if(SURETY_TESTS AND tests)
    add_executable(surety-tests-${name} ${tests})
    target_link_libraries(surety-tests-${name} PRIVATE surety::${name} ${R_LIBS} GTest::gtest GTest::gtest_main
      Threads::Threads)
    target_compile_definitions(surety-tests-${name} PRIVATE SURETY_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    surety_sanitize(surety-tests-${name})
    add_test(NAME ${name} COMMAND surety-tests-${name})
  endif()
endfunction()
