using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Netlink;

namespace SoftSwitch.Lab;

/// <summary>The namespaces of a lab: the switch's own, which is the host's too, and one of each station.</summary>
internal sealed class LabSpaces(LabPlan plan) : IDisposable
{
    private readonly List<NetworkNamespace> _stations = [];

    public NetworkNamespace Own { get; } = NetworkNamespace.CreateUnnamed();

    public NetworkNamespace Of(LabStation station) => station.Role == LabRole.Host ? Own : _stations[station.Number];

    public void Open()
    {
        SetLoopbackUp(Own);
        // The host is the last of them.
        foreach (var station in plan.Stations.Where(station => station.Role != LabRole.Host))
        {
            _stations.Add(NetworkNamespace.CreateUnnamed());
            SetLoopbackUp(Of(station));
        }
    }

    public void Dispose()
    {
        foreach (var space in _stations)
            space.Dispose();
        Own.Dispose();
    }

    private static void SetLoopbackUp(NetworkNamespace space)
    {
        using var links = new Links(space);
        if (links.Find("lo") is { } loopback)
            links.SetUp(loopback.Index);
    }
}
