"""The state machine of one pixel, and the kernel that takes one scene further.

Evidence of change is a sum over looks (Page's CUSUM, 1954) of bounded log-likelihood ratios:
half of what D2 exceeds its limit by, at most `cap` nats. The cap is what makes it robust: an
unchanged pixel also deviates because of something nobody masked, in a share p of looks, so no
look can weigh more than -ln p. Cloud and shadow are the commonest such thing, so a look like
them weighs less. A look that fits takes evidence away; at zero the run is over. Provisional
and confirmed are two heights of the same sum.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gossan.kernels.pack import KIND_WORD, TERMS, unpack, unpack_mean
from gossan.kernels.score import GROUND, SCRATCH, SNOWY, STRIP, Bands, SceneTerms, score_strip

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
U8 = NDArray[np.uint8]
U16 = NDArray[np.uint16]
U32 = NDArray[np.uint32]

NO_MODEL, WATCHING, SUSPECT, CHANGED = 0, 1, 2, 3
"""Phase of a pixel's monitor. CHANGED: its model no longer describes the ground; it waits for
the ground to return or for a new model."""
KIND_NONE, KIND_STABLE, KIND_AFTER_BREAK, KIND_AFTER_CHANGE = 0, 1, 2, 3
"""What ground the model was learned on."""
EVIDENCE_STEP = 16
"""Evidence is kept in sixteenths of a nat."""
FULL = 255


class Dynamic(NamedTuple):
    """Ten bytes a pixel that change with a scene, arrays (y, x); days since 1970, 0 none.

    seen: last usable look; fitted: last look that fitted the model; first: first exceedance of
    the run; evidence: in sixteenths of a nat; looks: exceedances of the run, or, once CHANGED,
    looks in a row that fit the old model again; size: mean size of the run, see `size_code`.
    """

    phase: U8
    seen: U16
    fitted: U16
    first: U16
    evidence: U8
    looks: U8
    size: U8


class Events(NamedTuple):
    """The dates of confirmed changes, arrays (y, x), nearly everywhere zero; days, 0 none.

    unchanged, first, confirmed, recovered, size: of the main change, as in `Disturbances`
    (confirmed 0 with first > 0: found inside the history); again_*: of the latest change after
    it; changes: number of confirmed changes; before (2, y, x): packed mean of the first model.
    """

    unchanged: U16
    first: U16
    confirmed: U16
    recovered: U16
    size: U8
    again_unchanged: U16
    again_first: U16
    again_confirmed: U16
    changes: U8
    before: U32


Whole = int | np.int64


class Pixel(NamedTuple):
    """What one look may change of one pixel: its `Dynamic`, and `recovered` of its `Events`."""

    phase: Whole
    seen: Whole
    fitted: Whole
    first: Whole
    evidence: Whole
    looks: Whole
    size: Whole
    recovered: Whole


class Rules(NamedTuple):
    """Scalars of the state machine; evidence in sixteenths of a nat.

    limit: D2 an unchanged pixel exceeds with probability alpha; cap, cap_cloudy: most that one
    look weighs; back: most that one fit takes away; fading: 1 / days in which one look's
    accidents fade; bands: number of bands.
    """

    limit: np.float32
    cap: int
    cap_cloudy: int
    back: int
    fading: np.float32
    provisional: int
    confirm: int
    confirm_looks: int
    recover_after: int
    recover_days: int
    bands: int


@njit(cache=True, nogil=True, inline="always")
def size_of(code: Whole) -> np.float32:
    """Root mean square whitened deviation by its 8-bit code: 16 codes an octave."""
    return (
        np.float32((16 + (code & 15)) << (code >> 4)) * np.float32(1 / 16)
        if code
        else (np.float32(0))
    )


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def size_code(size: float) -> int:
    """Nearest code below; 1..255, deviations below 1 count as 1."""
    scaled = int(max(1.0, min(size, 30000.0)) * 16)
    octave = 0
    while scaled >= 32:
        scaled >>= 1
        octave += 1
    return max(1, min(FULL, (octave << 4) | (scaled - 16)))


@njit(cache=True, nogil=True, inline="always")
def advance(
    phase: U8,
    seen: U16,
    fitted: U16,
    first: U16,
    evidence: U8,
    looks: U8,
    size: U8,
    recovered: U16,
    changed_by: U8,
    kind: U32,
    y: int,
    x: int,
    day: int,
    d2: np.float32,
    look: int,
    rules: Rules,
) -> tuple[bool, bool]:
    """Count one usable look at one pixel that has a model.

    The arrays of `Dynamic`, two of `Events` and the words with the kind of model come one by
    one: numba counts a reference for every array it takes out of a tuple, which for one pixel
    costs ten times what the rest does. Returns whether the look confirms a change, which the
    caller then records with `confirm`, and whether it changed `recovered`.
    """
    before = Pixel(
        np.int64(phase[y, x]),
        np.int64(seen[y, x]),
        np.int64(fitted[y, x]),
        np.int64(first[y, x]),
        np.int64(evidence[y, x]),
        np.int64(looks[y, x]),
        np.int64(size[y, x]),
        np.int64(recovered[y, x]),
    )
    new = kind[y, x] >> np.uint32(30) == KIND_AFTER_CHANGE
    by = np.int64(changed_by[y, x])
    after, confirms = counted(before, by, new, np.int64(day), d2, look, rules)
    phase[y, x], seen[y, x], fitted[y, x] = after.phase, after.seen, after.fitted
    first[y, x], evidence[y, x] = after.first, after.evidence
    looks[y, x], size[y, x] = after.looks, after.size
    recovered[y, x] = after.recovered
    return confirms, after.recovered != before.recovered


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def counted(
    p: Pixel, changed_by: Whole, new: bool, day: Whole, d2: np.float32, look: int, rules: Rules
) -> tuple[Pixel, bool]:
    """The pixel after one usable look, and whether it confirms a change.

    changed_by: code of the size of its main change; new: its model was learned after one. Takes
    and gives numbers alone: to hand arrays to a function for each pixel costs more than it does.
    """
    if look == SNOWY and d2 > rules.limit:
        return p, False
    gain = int(np.rint((d2 - rules.limit) * np.float32(EVIDENCE_STEP / 2)))
    if p.phase == CHANGED:
        return _after_change(p, changed_by, new, day, gain <= 0, look, rules), False
    if gain <= 0:
        return _fits(p, day, max(gain, -rules.back)), False
    gain = min(gain, rules.cap if look == GROUND else rules.cap_cloudy)
    if p.looks > 0:  # what made the look before deviate may not be over
        gain = int(np.rint(gain * (np.float32(1) - np.exp(-(day - p.seen) * rules.fading))))
    after = _exceeds(p, day, np.sqrt(d2 / np.float32(rules.bands)), gain)
    if after.evidence >= rules.confirm and after.looks >= rules.confirm_looks:
        return after, True
    if after.evidence < rules.provisional:
        return after, False
    a = after
    return Pixel(
        SUSPECT, a.seen, a.fitted, a.first, a.evidence, a.looks, a.size, a.recovered
    ), False


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _fits(p: Pixel, day: Whole, gain: int) -> Pixel:
    """A look that takes evidence away; at zero the run is over."""
    left = p.evidence + gain
    if left > 0:
        return Pixel(p.phase, day, p.fitted, p.first, left, p.looks, p.size, p.recovered)
    return Pixel(WATCHING, day, day, p.first, 0, 0, p.size, p.recovered)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _exceeds(p: Pixel, day: Whole, size: float, gain: int) -> Pixel:
    begins = p.looks == 0
    looks = min(p.looks + 1, FULL)
    mean = float(size_of(0 if begins else p.size))
    return Pixel(
        p.phase,
        day,
        p.fitted,
        day if begins else p.first,
        min(p.evidence + gain, FULL),
        looks,
        size_code(mean + (size - mean) / looks),
        p.recovered,
    )


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _after_change(
    p: Pixel, changed_by: Whole, new: bool, day: Whole, fits: bool, look: int, rules: Rules
) -> Pixel:
    """Looks in a row that fit the model from before the change are a return to it.

    Asked only of changes that stood out: of a faint one a look that fits says nothing.
    """
    looks, recovered = p.looks, p.recovered
    if not new and size_of(changed_by) ** 2 * rules.bands >= 2 * rules.limit:
        if fits:
            recovered = day if looks == 0 else recovered
            looks = min(looks + 1, FULL)
        elif look == GROUND and looks > 0:
            looks, recovered = 0, 0
    if looks >= rules.recover_after and day - recovered >= rules.recover_days:
        return Pixel(WATCHING, day, day, p.first, p.evidence, 0, p.size, recovered)
    return Pixel(p.phase, day, p.fitted, p.first, p.evidence, looks, p.size, recovered)


@njit(cache=True, nogil=True, error_model="numpy")
def confirm(
    s: Dynamic, e: Events, words: U32, k: Bands, y: int, x: int, day: int, seen: F64, basis: F64
) -> None:
    """Record a confirmed change; `seen` (bands,) is what was seen on `day`.

    A new main change where there is none, where the last one has recovered, or where it rests
    on the history alone. Otherwise the ground has changed again: back towards what it was
    before the main change (then that one has recovered), or to something else.
    """
    s.phase[y, x] = CHANGED
    s.looks[y, x] = 0
    s.evidence[y, x] = 0
    if e.confirmed[y, x] == 0 or e.recovered[y, x] > 0:
        e.unchanged[y, x] = s.fitted[y, x]
        e.first[y, x] = s.first[y, x]
        e.confirmed[y, x] = day
        e.recovered[y, x] = 0
        e.size[y, x] = s.size[y, x]
        e.before[0, y, x] = words[0, y, x]
        e.before[1, y, x] = words[1, y, x]
    elif _returns(words, e.before, k, y, x, seen, basis):
        e.recovered[y, x] = s.first[y, x]
        return
    else:
        e.again_unchanged[y, x] = s.fitted[y, x]
        e.again_first[y, x] = s.first[y, x]
        e.again_confirmed[y, x] = day
    e.changes[y, x] = min(int(e.changes[y, x]) + 1, FULL)


@njit(cache=True, nogil=True, error_model="numpy")
def _returns(words: U32, before: U32, k: Bands, y: int, x: int, seen: F64, basis: F64) -> bool:
    """True where `seen` leaves the present model towards the level of the first one: within 45
    degrees of that direction, in units of the present noise, and at least a third of the way."""
    nb = seen.shape[0]
    coef = np.zeros((TERMS, nb))
    sd = np.zeros(nb)
    level = np.zeros(nb)
    unpack(words, k.gain, y, x, coef, sd)
    unpack_mean(before, y, x, level)
    rr, dd, rd = 0.0, 0.0, 0.0
    for b in range(nb):
        r = seen[b]
        for a in range(TERMS):
            r -= basis[a] * coef[a, b]
        r /= sd[b]
        d = (level[b] - coef[0, b]) / sd[b]
        rr += r * r
        dd += d * d
        rd += r * d
    return bool(rd > 0.71 * np.sqrt(rr * dd) and rd > dd / 3)


@njit(cache=True, nogil=True, error_model="numpy")
def step_block(
    s: Dynamic,
    e: Events,
    words: U32,
    trust: U16,
    values: NDArray[np.float32] | U16,
    usable: NDArray[np.bool_],
    day: int,
    t: SceneTerms,
    k: Bands,
    rules: Rules,
) -> tuple[bool, Whole]:
    """Count one scene (bands, y, x) of a block, in place on `s` and `e`.

    Returns whether anything in `e` changed, and 0 or the newest day of a usable pixel that was
    seen on `day` or later already; such pixels are left as they are.
    """
    ny, nx = usable.shape
    phase, seen, fitted, first, evidence, looks, size = s
    recovered, changed_by, kind = e.recovered, e.size, words[KIND_WORD]
    scratch = np.zeros(SCRATCH, np.float32)
    d2 = np.empty(STRIP, np.float32)
    like, left = np.empty(STRIP, np.uint8), np.empty(STRIP, np.uint8)
    nb = values.shape[0]
    shown = np.empty(nb)
    basis = t.basis.astype(np.float64)
    eventful, late = False, np.int64(0)
    for y in range(ny):
        for x0 in range(0, nx, STRIP):
            n = min(STRIP, nx - x0)
            if not _any(usable[y, x0 : x0 + n].view(np.uint8)):
                continue
            score_strip(values, words, trust, t, k, y, x0, n, scratch, d2, like)
            if not _as_ever(s, usable, y, x0, n, day, d2, rules.limit, left):
                continue
            for i in range(n):
                if not left[i]:
                    continue
                x = x0 + i
                if seen[y, x] >= day:
                    late = max(late, np.int64(seen[y, x]))
                elif phase[y, x] == NO_MODEL:
                    seen[y, x] = day
                else:
                    confirms, changes = advance(
                        phase, seen, fitted, first, evidence, looks, size, recovered, changed_by,
                        kind, y, x, day, d2[i], like[i], rules,
                    )  # fmt: skip
                    eventful |= confirms | changes
                    if confirms:
                        for b in range(nb):
                            v = np.float32(values[b, y, x]) * t.scale[b] + t.offset[b]
                            shown[b] = v - t.shift[b]
                        confirm(s, e, words, k, y, x, day, shown, basis)
    return eventful, late


@njit(cache=True, nogil=True)
def _any(marks: U8) -> bool:
    """Whether any of `marks` (n,) is set."""
    found = np.uint8(0)
    for i in range(marks.shape[0]):
        found |= marks[i]
    return bool(found)


@njit(cache=True, nogil=True, forceinline=True)
def _as_ever(
    s: Dynamic,
    usable: NDArray[np.bool_],
    y: int,
    x0: int,
    n: int,
    day: Whole,
    d2: F32,
    limit: np.float32,
    left: U8,
) -> bool:
    """Count the pixels of a strip that are watched, not suspect and fit: nearly all. `left`
    (n,) is 1 for the other usable ones; returns whether there are any.

    Loops without a branch over few arrays, see `kernels.score`.
    """
    today = np.uint16(day)
    phase, looks = s.phase[y, x0 : x0 + n], s.looks[y, x0 : x0 + n]
    before, fitted = s.seen[y, x0 : x0 + n], s.fitted[y, x0 : x0 + n]
    clear = usable[y, x0 : x0 + n].view(np.uint8)
    for i in range(n):
        left[i] = (phase[i] == WATCHING) & (looks[i] == 0)
    for i in range(n):
        left[i] &= (d2[i] <= limit) & (before[i] < today)
    for i in range(n):
        fits = left[i] & clear[i]
        left[i] = fits ^ clear[i]
        before[i] = today if fits else before[i]
        fitted[i] = today if fits else fitted[i]
    return bool(_any(left[:n]))


@njit(cache=True, nogil=True)
def status_block(s: Dynamic, e: Events, codes: U8) -> U8:
    """One of `codes` for each pixel, (y, x): no model, stable, provisional, found inside the
    history, confirmed, recovered, in this order."""
    ny, nx = s.phase.shape
    out = np.empty((ny, nx), np.uint8)
    for y in range(ny):
        for x in range(nx):
            phase = s.phase[y, x]
            code = codes[2] if phase == SUSPECT else codes[1]
            if e.confirmed[y, x] > 0:
                back = e.recovered[y, x] > 0 and phase != CHANGED
                code = codes[5] if back else codes[4]
            elif e.first[y, x] > 0 and phase != SUSPECT:
                code = codes[3]
            out[y, x] = codes[0] if phase == NO_MODEL else code
    return out
