namespace SoftSwitch.Linux.Workers;

/// <summary>
/// A port whose frames come by memory that the other end shares: a look costs no system call, and the other end says nothing as long as
/// somebody looks. Before the worker sleeps, it arms the port, looks again, and sleeps only when there is still nothing. Called by the
/// worker.
/// </summary>
public interface IPolledPort
{
    /// <summary>Frames are waiting. No system call.</summary>
    bool HasFrames { get; }

    /// <summary>
    /// Arms the port: until frames are received, the other end says by one of the port's descriptors that there are some.
    /// </summary>
    void Arm();
}
