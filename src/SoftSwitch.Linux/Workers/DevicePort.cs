using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Workers;

/// <summary>
/// A port that a worker can sleep on: descriptors tell that frames may be waiting. A port may have any number of them, each with a handler,
/// and none while nobody is at its other end; they come and go while it is open. One whose frames come by memory is an
/// <see cref="IPolledPort"/> as well.
/// </summary>
public abstract class DevicePort(string name, int mtu, int workers) : Port(name, mtu, workers)
{
    private volatile PortDescriptor[] _descriptors = [];

    /// <summary>A station that is behind this port for certain, as long as it is up; null: none.</summary>
    public MacAddress? Station { get; init; }

    /// <summary>Where the other end is the host's own stack: what may pass there; null: it is another.</summary>
    public HostGate? Gate { get; init; }

    /// <summary>The descriptors that tell of frames now.</summary>
    internal IReadOnlyList<PortDescriptor> Descriptors => _descriptors;

    /// <summary>Called when the descriptors have changed, and returns when the worker knows; null while no worker has the port.</summary>
    internal Action? DescriptorsChanged { private get; set; }

    /// <summary>
    /// Frames that the kernel dropped before the port could receive them, since it was opened and as far as the kernel tells. Called by the
    /// control plane.
    /// </summary>
    public virtual long KernelDrops() => 0;

    /// <summary>From here on a descriptor tells of frames. Called by the control plane.</summary>
    /// <param name="fd">Readable when there are some.</param>
    /// <param name="ready"> Called on the worker's thread when the descriptor is readable; it reads what must be read to make the
    /// descriptor quiet. True: frames may be waiting. Left out, they may. </param>
    protected void Watch(int fd, Func<bool>? ready = null)
    {
        _descriptors = [.. _descriptors, new(fd, ready)];
        DescriptorsChanged?.Invoke();
    }

    /// <summary>
    /// A descriptor no longer tells of frames. When this returns, it may be closed and its handler isn't called any more. Called by the
    /// control plane.
    /// </summary>
    protected void Unwatch(int fd)
    {
        _descriptors = [.. _descriptors.Where(descriptor => descriptor.Fd != fd)];
        DescriptorsChanged?.Invoke();
    }
}
