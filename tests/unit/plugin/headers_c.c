/* plugin.h alone, as C11 and as C17. */
#include <iac/plugin.h>
