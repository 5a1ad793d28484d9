#pragma once
#include "lk_int8.h"
#include "lk_peak.h"
#include "lk_sample.h"
