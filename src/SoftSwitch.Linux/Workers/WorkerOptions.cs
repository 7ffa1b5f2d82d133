namespace SoftSwitch.Linux.Workers;

/// <summary>How a worker runs.</summary>
/// <param name="Number">From 0; it names the worker's counters.</param>
/// <param name="Cpu">The processor it stays on; null leaves the choice to the kernel.</param>
/// <param name="AlwaysPolls">It never sleeps: for processors that have nothing else to do.</param>
public sealed record WorkerOptions(int Number, int? Cpu = null, bool AlwaysPolls = false);
