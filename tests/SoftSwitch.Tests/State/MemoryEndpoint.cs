using SoftSwitch.Linux.Endpoints;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Linux;

namespace SoftSwitch.Tests.State;

/// <summary>The outside half of a port that is nowhere but in memory.</summary>
/// <param name="disposing">What letting go of it does beside being counted.</param>
internal sealed class MemoryEndpoint(Action? disposing = null) : Endpoint
{
    private int _disposals;

    /// <summary>How often it was let go of.</summary>
    public int Disposals => Volatile.Read(ref _disposals);

    public override EndpointState State => EndpointState.Up;

    public override string? Obstacle => null;

    public override DevicePort Open(EndpointSite site) => new RingPort("memory", new MacAddress(0x0200_0000_0001));

    public override void Dispose()
    {
        Interlocked.Increment(ref _disposals);
        disposing?.Invoke();
    }
}
