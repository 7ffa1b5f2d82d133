namespace SoftSwitch.Linux.Endpoints;

/// <summary>Frames that the kernel has dropped on both sides of a port, where no call told the switch.</summary>
/// <param name="In">On their way to the switch: it never saw them.</param>
/// <param name="Out">On their way from the switch, which had handed them over and counted them as out.</param>
public readonly record struct KernelDrops(long In, long Out);
