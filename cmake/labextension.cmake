# The JupyterLab extension in the wheel. `make build` has made it before; a bare `pip install .` makes it here.
set(labextension ${CMAKE_SOURCE_DIR}/widgets/labextension)

if(NOT EXISTS ${labextension}/package.json)
  find_program(NPM_PROGRAM npm)
  if(NOT NPM_PROGRAM)
    message(FATAL_ERROR
      "The JupyterLab extension is not built (widgets/labextension is missing) and npm was not found. "
      "Install Node 20 with npm, or build it elsewhere with `../scripts/npm.sh && npm run build` in widgets/.")
  endif()
  foreach(step "../scripts/npm.sh" "npm run build")
    separate_arguments(command UNIX_COMMAND "${step}")
    execute_process(
      COMMAND ${command}
      WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}/widgets
      RESULT_VARIABLE failed)
    if(failed)
      message(FATAL_ERROR "`${step}` in widgets/ failed; its output is above.")
    endif()
  endforeach()
endif()

# scikit-build-core puts SKBUILD_DATA_DIR's content under the environment's prefix.
install(DIRECTORY ${labextension}/ DESTINATION ${SKBUILD_DATA_DIR}/share/jupyter/labextensions/tapescope)
install(FILES ${CMAKE_SOURCE_DIR}/widgets/install.json
  DESTINATION ${SKBUILD_DATA_DIR}/share/jupyter/labextensions/tapescope)
