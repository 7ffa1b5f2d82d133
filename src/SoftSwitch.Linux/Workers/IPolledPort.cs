namespace SoftSwitch.Linux.Workers;

/// <summary>
/// A port whose frames come by memory that the other end shares: a look costs no system call, and the other end says nothing as long as
/// somebody looks. Before the worker sleeps, it arms the port, looks again, and sleeps only when there is still nothing. The worker's.
/// </summary>
public interface IPolledPort
{
    /// <summary>Frames are waiting. No system call.</summary>
    bool HasFrames { get; }

    /// <summary>
    /// From here until frames are received, the other end is to say by one of the port's descriptors that there are some.
    /// </summary>
    void Arm();
}
