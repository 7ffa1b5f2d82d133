using SoftSwitch.Forwarding.Ports;

namespace SoftSwitch.Linux.Ports;

/// <summary>A port behind a descriptor that a worker can sleep on: readable when frames are waiting.</summary>
public abstract class DevicePort(string name, int mtu, int workers) : Port(name, mtu, workers)
{
    public abstract int Fd { get; }

    /// <summary>
    /// Frames that the kernel has dropped on our doorstep since the port was opened, as far as it tells. Called by the control plane.
    /// </summary>
    public virtual long KernelDrops() => 0;
}
