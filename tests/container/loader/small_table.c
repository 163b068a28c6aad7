/* A module whose table ends too early; the packer would refuse it. */
#include <ark/abi/module.h>
#include <ark/abi/version.h>

__attribute__((visibility("default"))) const ark_module_t ark_module = {.abi = ARK_ABI_VERSION, .size = 16};
