using System.Globalization;
using SoftSwitch.Bounds;
using SoftSwitch.Logging;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>Tells at which addresses of the host forwards aren't asked, for all places are taken. Used by the control loop alone.</summary>
/// <param name="log">Told so, in one line.</param>
/// <param name="name">The first of the networks behind the outside.</param>
internal sealed class UnservedAddresses(ISwitchLog log, string name)
{
    private const int MostNamed = 4;

    private HashSet<Ipv4Address> _told = [];

    /// <param name="unserved">All that there are now.</param>
    public void Follow(IReadOnlyList<Ipv4Address> unserved)
    {
        if (unserved.Any(address => !_told.Contains(address)))
            log.News(LogSubject.OfOutside(name), LogLevel.Warning, Text(unserved));
        _told = [.. unserved];
    }

    private static string Text(IReadOnlyList<Ipv4Address> unserved)
    {
        var others = unserved.Count <= MostNamed ? ""
            : string.Create(CultureInfo.InvariantCulture, $" and {unserved.Count - MostNamed} more");
        return string.Create(CultureInfo.InvariantCulture, $"forwards are asked at {ProgramLimits.ForwardAddresses.Most} addresses of ")
            + "the host beside the way's own, those that had a place first, so not at "
            + $"{string.Join(", ", unserved.Take(MostNamed))}{others}: name those that count with 'on'";
    }
}
