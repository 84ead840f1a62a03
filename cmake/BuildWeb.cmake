# cmake -DNPM=… -DWEB_DIR=… -P BuildWeb.cmake: the page's build, with its packages as locked.
if(NOT EXISTS ${WEB_DIR}/node_modules/.package-lock.json OR
   ${WEB_DIR}/package-lock.json IS_NEWER_THAN ${WEB_DIR}/node_modules/.package-lock.json)
  execute_process(COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund --silent
    WORKING_DIRECTORY ${WEB_DIR} RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "npm could not install the page's packages in ${WEB_DIR}: see above. "
      "Without a network, take web/dist from a release, or configure with -DSURETY_WEB=OFF")
  endif()
endif()
execute_process(COMMAND ${NPM} run --silent build WORKING_DIRECTORY ${WEB_DIR} RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "the page did not build: see above")
endif()
