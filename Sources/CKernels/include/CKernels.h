#pragma once
#include "lk_int8.h"
