namespace SoftSwitch.Linux.Workers;

/// <summary>What tells a worker of a port's frames.</summary>
/// <param name="Fd">Readable when there are some.</param>
/// <param name="Ready">Called when it is; true: frames may be waiting. Null: then they may.</param>
internal readonly record struct PortDescriptor(int Fd, Func<bool>? Ready);
