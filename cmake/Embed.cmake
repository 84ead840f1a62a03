# surety_embed_web(TARGET)
#
# Puts web/dist into TARGET as static memory (src/serve/assets.h). Each file comes with a compressed
# twin when the page's build made one. If web/dist is missing it is built with npm; without npm only
# TARGET fails to build, and the message says what to do. SURETY_WEB=OFF builds without the page.
option(SURETY_WEB "Put the page into the program" ON)

function(surety_embed_web target)
  set(dist ${CMAKE_SOURCE_DIR}/web/dist)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/web_bundle.cc)
  set(inputs)
  set(command ${CMAKE_COMMAND} -DOUT=${out} -DDIST=${dist} -DWEB=${SURETY_WEB} -P ${CMAKE_SOURCE_DIR}/cmake/EmbedFiles.cmake)
  if(SURETY_WEB)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/web/src/* ${CMAKE_SOURCE_DIR}/web/*.mjs
      ${CMAKE_SOURCE_DIR}/web/package-lock.json)
    list(FILTER sources EXCLUDE REGEX "/node_modules/")
    find_program(SURETY_NPM npm)
    if(SURETY_NPM)
      add_custom_command(OUTPUT ${dist}/index.html
        COMMAND ${CMAKE_COMMAND} -DNPM=${SURETY_NPM} -DWEB_DIR=${CMAKE_SOURCE_DIR}/web -P ${CMAKE_SOURCE_DIR}/cmake/BuildWeb.cmake
        DEPENDS ${sources} COMMENT "Building the page" VERBATIM)
      list(APPEND inputs ${dist}/index.html)
    elseif(EXISTS ${dist}/index.html)
      list(APPEND inputs ${dist}/index.html)
    else()
      message(WARNING "web/dist is missing and npm was not found: install nodejs and npm, or configure with -DSURETY_WEB=OFF")
    endif()
  endif()
  add_custom_command(OUTPUT ${out} COMMAND ${command}
    DEPENDS ${inputs} ${CMAKE_SOURCE_DIR}/cmake/EmbedFiles.cmake COMMENT "Embedding the page" VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()
