/* The one place where versions are written. CMake reads this file. */
#pragma once

#define ARK_VERSION_MAJOR 0
#define ARK_VERSION_MINOR 1
#define ARK_VERSION_PATCH 0
#define ARK_VERSION_TEXT "0.1.0"

/* Version of the tables in ark/abi. It changes only when a module built before could no longer be loaded;
 * anything that can be appended or asked for by get_extension leaves it alone. */
#define ARK_ABI_VERSION 1
