#include "lk_street.h"

#include <string.h>

ptrdiff_t lk_street_stamp(lk_plane mask, lk_plane map, ptrdiff_t x, ptrdiff_t y, uint8_t identity) {
    ptrdiff_t count = 0;
    for (ptrdiff_t row = 0; row < mask.height; row++) {
        const uint8_t *from = mask.pixels + row * mask.stride;
        int32_t seen = 0;
        for (ptrdiff_t column = 0; column < mask.width; column++) seen += from[column] != 0;
        count += seen;
        if (seen == 0 || y + row < 0 || y + row >= map.height) continue;
        ptrdiff_t first = x < 0 ? -x : 0;
        ptrdiff_t end = mask.width < map.width - x ? mask.width : map.width - x;
        if (first >= end) continue;
        uint8_t *to = map.pixels + (y + row) * map.stride + (x + first);
        from += first;
        for (ptrdiff_t column = 0; column < end - first; column++) to[column] = from[column] ? identity : to[column];
    }
    return count;
}

void lk_street_survey(
    lk_plane map, ptrdiff_t left, ptrdiff_t top, ptrdiff_t right, ptrdiff_t bottom, lk_extent *extents) {
    for (int index = 0; index < 256; index++) extents[index] = (lk_extent){0, INT32_MAX, INT32_MAX, -1, -1};
    for (ptrdiff_t y = top; y < bottom; y++) {
        const uint8_t *row = map.pixels + y * map.stride;
        for (ptrdiff_t x = left; x < right;) {
            uint64_t eight = 1;
            if (x + 8 <= right) memcpy(&eight, row + x, 8);
            if (eight == 0) {
                x += 8;
                continue;
            }
            uint8_t identity = row[x];
            ptrdiff_t end = x + 1;
            while (end < right && row[end] == identity) end++;
            if (identity) {
                lk_extent *extent = &extents[identity];
                extent->count += (int32_t)(end - x);
                if (x < extent->left) extent->left = (int32_t)x;
                if (end - 1 > extent->right) extent->right = (int32_t)(end - 1);
                if (y < extent->top) extent->top = (int32_t)y;
                extent->bottom = (int32_t)y;
            }
            x = end;
        }
    }
}

/// SplitMix64's scrambling.
static uint64_t stirred(uint64_t bits) {
    bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9u;
    bits = (bits ^ bits >> 27) * 0x94D049BB133111EBu;
    return bits ^ bits >> 31;
}

void lk_street_expose(
    lk_plane scene, lk_plane picture, ptrdiff_t x, ptrdiff_t y, const uint16_t *across, const uint16_t *down,
    const int8_t *noise, ptrdiff_t noise_count, uint64_t seed) {
    enum { LONGEST = 4 * 4096 };
    ptrdiff_t count = 4 * picture.width;
    uint16_t lines[3][LONGEST];
    uint16_t a = across[0], b = across[1], c = across[2];
    uint16_t d = down[0], e = down[1], f = down[2];
    for (ptrdiff_t row = -1; row <= picture.height; row++) {
        const uint8_t *from = scene.pixels + (y + row) * scene.stride + 4 * (x - 1);
        uint16_t *line = lines[(row + 3) % 3];
        // Two bits finer than a byte.
        for (ptrdiff_t index = 0; index < count; index++)
            line[index] = (uint16_t)(from[index] * a + from[index + 4] * b + from[index + 8] * c) >> 5;
        if (row < 1) continue;
        const uint16_t *upper = lines[(row + 1) % 3], *middle = lines[(row + 2) % 3];
        uint64_t place = stirred(seed + (uint64_t)row * 0x9E3779B97F4A7C15u);
        const int8_t *grain = noise + place % (uint64_t)(noise_count - count + 1);
        uint8_t *to = picture.pixels + (row - 1) * picture.stride;
        for (ptrdiff_t index = 0; index < count; index++) {
            uint16_t sum = (uint16_t)(upper[index] * d + middle[index] * e + line[index] * f);
            int16_t value = (int16_t)((sum >> 8) + grain[index]);
            to[index] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
        }
    }
}

void lk_street_shade(lk_plane scene, lk_plane shadows, uint32_t strength) {
    for (ptrdiff_t y = 0; y < scene.height; y++) {
        const uint8_t *upper = shadows.pixels + y / 4 * shadows.stride, *lower = upper + shadows.stride;
        uint32_t low = (uint32_t)(y % 4), high = 4 - low;
        uint8_t *row = scene.pixels + y * scene.stride;
        uint32_t left = upper[0] * high + lower[0] * low;
        for (ptrdiff_t cell = 0; 4 * cell < scene.width; cell++) {
            uint32_t right = upper[cell + 1] * high + lower[cell + 1] * low;
            if (left | right) {
                ptrdiff_t end = scene.width - 4 * cell < 4 ? scene.width - 4 * cell : 4;
                for (ptrdiff_t x = 0; x < end; x++) {
                    uint32_t kept = 65536 - (left * (uint32_t)(4 - x) + right * (uint32_t)x) * strength / 16;
                    uint8_t *pixel = row + 4 * (4 * cell + x);
                    for (int byte = 0; byte < 4; byte++) pixel[byte] = (uint8_t)(pixel[byte] * kept >> 16);
                }
            }
            left = right;
        }
    }
}
