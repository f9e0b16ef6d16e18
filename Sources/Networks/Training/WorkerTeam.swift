import Glibc

/// Threads that repeatedly do the same fixed set of jobs; the caller is one of them. Doing them
/// allocates nothing.
package final class WorkerTeam {
  /// The threads' shared state, guarded by its lock.
  private struct Shared {
    var lock = pthread_mutex_t()
    /// There are jobs, or the threads must end.
    var hasWork = pthread_cond_t()
    /// The last job is done.
    var isDone = pthread_cond_t()
    /// The next job that has not been started.
    var next = 0
    /// Number of unfinished jobs.
    var pending = 0
    var ends = false
  }

  /// The threads' data: owned by the team, which outlives its threads.
  private final class Crew: Sendable {
    nonisolated(unsafe) let shared = UnsafeMutablePointer<Shared>.allocate(capacity: 1)
    let jobs: Int
    let job: @Sendable (Int) -> Void

    init(jobs: Int, job: @escaping @Sendable (Int) -> Void) {
      self.jobs = jobs
      self.job = job
      shared.initialize(to: Shared())
      shared.pointee.next = jobs
      pthread_mutex_init(&shared.pointee.lock, nil)
      pthread_cond_init(&shared.pointee.hasWork, nil)
      pthread_cond_init(&shared.pointee.isDone, nil)
    }

    deinit {
      pthread_cond_destroy(&shared.pointee.isDone)
      pthread_cond_destroy(&shared.pointee.hasWork)
      pthread_mutex_destroy(&shared.pointee.lock)
      shared.deinitialize(count: 1)
      shared.deallocate()
    }

    /// Does jobs until none is left to start. The caller holds the lock.
    func work() {
      while shared.pointee.next < jobs {
        let index = shared.pointee.next
        shared.pointee.next += 1
        pthread_mutex_unlock(&shared.pointee.lock)
        job(index)
        pthread_mutex_lock(&shared.pointee.lock)
        shared.pointee.pending -= 1
        if shared.pointee.pending == 0 { pthread_cond_signal(&shared.pointee.isDone) }
      }
    }

    /// The main loop of a thread.
    func run() {
      pthread_mutex_lock(&shared.pointee.lock)
      while !shared.pointee.ends {
        work()
        if shared.pointee.ends { break }
        pthread_cond_wait(&shared.pointee.hasWork, &shared.pointee.lock)
      }
      pthread_mutex_unlock(&shared.pointee.lock)
    }
  }

  private let crew: Crew
  private var threads: [pthread_t] = []

  /// A team for jobs 0 ..< `jobs`; if no thread can be created, the caller does them all.
  /// - Parameter threads: the maximum number of threads, including the caller; >= 1.
  package init(jobs: Int, threads: Int, job: @escaping @Sendable (Int) -> Void) {
    crew = Crew(jobs: jobs, job: job)
    for _ in 1..<max(1, min(threads, jobs)) {
      let argument = Unmanaged.passRetained(crew)
      var thread = pthread_t()
      let code = pthread_create(
        &thread, nil,
        { argument in
          if let argument { Unmanaged<Crew>.fromOpaque(argument).takeRetainedValue().run() }
          return nil
        }, argument.toOpaque())
      if code == 0 { self.threads.append(thread) } else { argument.release() }
    }
  }

  /// Does all jobs.
  package func run() {
    let shared = crew.shared
    pthread_mutex_lock(&shared.pointee.lock)
    shared.pointee.next = 0
    shared.pointee.pending = crew.jobs
    if !threads.isEmpty { pthread_cond_broadcast(&shared.pointee.hasWork) }
    crew.work()
    while shared.pointee.pending > 0 {
      pthread_cond_wait(&shared.pointee.isDone, &shared.pointee.lock)
    }
    pthread_mutex_unlock(&shared.pointee.lock)
  }

  deinit {
    pthread_mutex_lock(&crew.shared.pointee.lock)
    crew.shared.pointee.ends = true
    pthread_cond_broadcast(&crew.shared.pointee.hasWork)
    pthread_mutex_unlock(&crew.shared.pointee.lock)
    for thread in threads { pthread_join(thread, nil) }
  }
}
