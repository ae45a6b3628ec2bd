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
from gossan.kernels.score import GROUND, ROWS, SNOWY, STRIP, Bands, SceneTerms, score_strip

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


@njit(cache=True, nogil=True, inline="always")  # type: ignore[untyped-decorator]
def size_of(code: int) -> np.float32:
    """Root mean square whitened deviation by its 8-bit code: 16 codes an octave."""
    return (
        np.float32((16 + (code & 15)) << (code >> 4)) * np.float32(1 / 16)
        if code
        else (np.float32(0))
    )


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def size_code(size: float) -> int:
    """Nearest code below; 1..255, deviations below 1 count as 1."""
    scaled = int(max(1.0, min(size, 30000.0)) * 16)
    octave = 0
    while scaled >= 32:
        scaled >>= 1
        octave += 1
    return max(1, min(FULL, (octave << 4) | (scaled - 16)))


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def advance(
    s: Dynamic, e: Events, words: U32, y: int, x: int, day: int, d2: np.float32, look: int,
    rules: Rules,
) -> bool:  # fmt: skip
    """Count one usable look at one pixel that has a model; True when it confirms a change.

    The caller then records the change with `confirm`.
    """
    if look == SNOWY and d2 > rules.limit:
        return False
    apart = day - int(s.seen[y, x])
    s.seen[y, x] = day
    gain = int(np.rint((d2 - rules.limit) * np.float32(EVIDENCE_STEP / 2)))
    if s.phase[y, x] == CHANGED:
        stood_out = size_of(int(e.size[y, x])) ** 2 * rules.bands >= 2 * rules.limit
        if stood_out:
            _after_change(s, e, words, y, x, day, gain <= 0, look)
        since = day - int(e.recovered[y, x])
        if s.looks[y, x] >= rules.recover_after and since >= rules.recover_days:
            s.phase[y, x] = WATCHING
            s.looks[y, x] = 0
            s.fitted[y, x] = day
        return False
    if gain <= 0:
        left = int(s.evidence[y, x]) + max(gain, -rules.back)
        if left <= 0:
            s.phase[y, x] = WATCHING
            s.looks[y, x] = 0
            s.fitted[y, x] = day
            left = 0
        s.evidence[y, x] = left
        return False
    gain = min(gain, rules.cap if look == GROUND else rules.cap_cloudy)
    if s.looks[y, x] > 0:  # what made the look before deviate may not be over
        gain = int(np.rint(gain * (np.float32(1) - np.exp(-apart * rules.fading))))
    _exceeds(s, y, x, day, np.sqrt(d2 / np.float32(rules.bands)), gain)
    if s.evidence[y, x] >= rules.confirm and s.looks[y, x] >= rules.confirm_looks:
        return True
    if s.evidence[y, x] >= rules.provisional:
        s.phase[y, x] = SUSPECT
    return False


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _exceeds(s: Dynamic, y: int, x: int, day: int, size: float, gain: int) -> None:
    if s.looks[y, x] == 0:
        s.first[y, x] = day
        s.size[y, x] = 0
    looks = min(int(s.looks[y, x]) + 1, FULL)
    mean = float(size_of(int(s.size[y, x])))
    s.size[y, x] = size_code(mean + (size - mean) / looks)
    s.looks[y, x] = looks
    s.evidence[y, x] = min(int(s.evidence[y, x]) + gain, FULL)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def confirm(
    s: Dynamic, e: Events, words: U32, k: Bands, y: int, x: int, day: int, seen: F64, basis: F64
) -> None:  # fmt: skip
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


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _returns(
    words: U32, before: U32, k: Bands, y: int, x: int, seen: F64, basis: F64
) -> bool:  # fmt: skip
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


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _after_change(
    s: Dynamic, e: Events, words: U32, y: int, x: int, day: int, fits: bool, look: int
) -> None:
    """Looks in a row that fit the model from before the change are a return to it.

    Asked only of changes that stood out: of a faint one a look that fits says nothing.
    """
    if words[KIND_WORD, y, x] >> np.uint32(30) == KIND_AFTER_CHANGE:
        return
    if fits:
        if s.looks[y, x] == 0:
            e.recovered[y, x] = day
        s.looks[y, x] = min(int(s.looks[y, x]) + 1, FULL)
    elif look == GROUND and s.looks[y, x] > 0:
        s.looks[y, x] = 0
        e.recovered[y, x] = 0


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def step_block(
    s: Dynamic, e: Events, words: U32, trust: U16, values: NDArray[np.float32] | U16,
    usable: NDArray[np.bool_], day: int, t: SceneTerms, k: Bands, rules: Rules,
) -> tuple[bool, int]:  # fmt: skip
    """Count one scene (bands, y, x) of a block, in place on `s` and `e`.

    Returns whether anything in `e` changed, and 0 or the newest day of a usable pixel that was
    seen on `day` or later already; such pixels are left as they are.
    """
    ny, nx = usable.shape
    scratch = np.zeros((ROWS, STRIP), np.float32)
    d2 = np.empty(STRIP, np.float32)
    looks = np.empty(STRIP, np.uint8)
    nb = values.shape[0]
    seen = np.empty(nb)
    basis = t.basis.astype(np.float64)
    eventful, late = False, 0
    for y in range(ny):
        for x0 in range(0, nx, STRIP):
            n = min(STRIP, nx - x0)
            some = False
            for i in range(n):
                some = some or usable[y, x0 + i]
            if not some:
                continue
            score_strip(values, words, trust, t, k, y, x0, n, scratch, d2, looks)
            for i in range(n):
                x = x0 + i
                if not usable[y, x]:
                    continue
                if s.seen[y, x] >= day:
                    late = max(late, int(s.seen[y, x]))
                elif s.phase[y, x] == NO_MODEL:
                    s.seen[y, x] = day
                elif (
                    d2[i] <= rules.limit and s.phase[y, x] == WATCHING and s.looks[y, x] == 0
                ):  # nearly always
                    s.seen[y, x] = day
                    s.fitted[y, x] = day
                else:
                    recovered = e.recovered[y, x]
                    if advance(s, e, words, y, x, day, d2[i], looks[i], rules):
                        for b in range(nb):
                            v = np.float32(values[b, y, x]) * t.scale[b] + t.offset[b]
                            seen[b] = v - t.shift[b]
                        confirm(s, e, words, k, y, x, day, seen, basis)
                        eventful = True
                    eventful |= e.recovered[y, x] != recovered
    return eventful, late


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
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
