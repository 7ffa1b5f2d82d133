using System.Globalization;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Logging;

namespace SoftSwitch.State.Nat;

/// <summary>Who gives up a way out when all are taken.</summary>
internal sealed partial class OutsideState
{
    /// <summary>The port for which most ways were opened gives up the oldest of these: who sends everywhere ends flows of his own, and
    /// nobody else's. What all have is given up for nobody.</summary>
    /// <exception cref="InvalidOperationException">There is none to give up.</exception>
    private void MakeRoom()
    {
        var most = _ways.Where(way => way.AskedBy is not null).GroupBy(way => way.AskedBy!).MaxBy(ways => ways.Count());
        var oldest = most?.FirstOrDefault(way => !IsUsedByOthers(way, most.Key));
        if (most is null || oldest is null)
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{MostWays} ways out is all there are, and ")
                + (most is null ? "none of them is a single port's" : $"others use those that were opened for port {most.Key.Name}"));
        }
        _running.Log.News(LogSubject.OfOutside(Name), LogLevel.Warning, string.Create(CultureInfo.InvariantCulture,
            $"by {oldest.Link?.Interface} as {oldest.Address} no more, until a packet is to go there: {MostWays} ways out is all there "
            + $"are, and {most.Count()} of them were opened for port {most.Key.Name}"));
        Close(oldest);
        End(oldest);
    }

    /// <summary>Flows go by a way that aren't this port's.</summary>
    private bool IsUsedByOthers(OutsideWay way, Port port)
    {
        var owners = new List<NaptOwner>();
        way.Translator.CopyOwnersTo(owners);
        return owners.Exists(owner => Array.Find(_networks, network => network.Policy == owner.Policy)
            is not { Gateway.Membership.Bridge: var bridge } || bridge.View[owner.Port]?.Port != port);
    }
}
