// Text layout and rasterising for labels: Pango on Cairo.
#pragma once
#include <pango/pangocairo.h>
