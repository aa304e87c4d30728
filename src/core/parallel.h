#pragma once

#include <cstddef>
#include <functional>

namespace berta {

/// The one parallel layer. It runs on OpenMP because Debian's oneDNN does: a second pool would fight it.
/// Threads of the current calling thread's parallel regions; 0 = all cores. Settable per calling thread.
void set_threads(int threads);
int threads();

/// Calls body(begin, end) on disjoint ranges that cover [0, count), at most one range a thread, each at least
/// `grain` long but the last. Runs inline for one range or inside another parallel region. The split depends
/// on count, grain and threads() alone. An exception of a body is rethrown here after all bodies ended.
void parallel_for(std::size_t count, std::size_t grain,
                  const std::function<void(std::size_t, std::size_t)>& body);

/// The same with one call an index, handed out in order to whichever thread is free (uneven work).
void parallel_each(std::size_t count, const std::function<void(std::size_t)>& body);

}  // namespace berta
