using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Logging;

namespace SoftSwitch.State.Nat;

/// <summary>What is done when the host's routing leads by a way that isn't open.</summary>
internal sealed partial class OutsideState
{
    /// <summary>The host's routing leads by a way that isn't open.</summary>
    /// <param name="by">The port whose packet is to go there.</param>
    private void Bring(WayKey key, Port by)
    {
        // It may have been asked for in the last moment.
        if (_hasEnded)
            return;
        try
        {
            // It has just come, so what is known of the host may be older.
            var addresses = _links.Addresses();
            var obstacle = default(string);
            if (OutsideLink.At(_links, addresses, key.Interface, key.Address) is { } link && (obstacle = WhyInVain(link)) is null)
            {
                var host = new HostIpv4(addresses, _facts?.Routes ?? [], _facts?.Local);
                _facts = host;
                // An interface that has gone and come back is another: the way that was there goes on here, with its flows.
                CloseDisplaced(_link);
                var way = WayFor(link, by, onlyAnswers: false);
                if (way.Station is null)
                {
                    OpenWire(way, link, host);
                    _running.Log.News(LogSubject.OfOutside(Name), LogLevel.Info,
                        $"by {link.Interface} as {link.Address} too, where the host's routing leads there");
                }
                _refused.Forget(key);
                Publish();
                FollowHost(host);
                return;
            }
            Refuse(key, obstacle);
        }
        catch (Exception e)
        {
            Refuse(key, Mistake.Text(e));
        }
    }

    /// <summary>It can't be opened: nothing goes there, and nothing goes elsewhere in its place.</summary>
    private void Refuse(WayKey key, string? obstacle)
    {
        if (obstacle is not null
            && _refused.Note(key, _links.FindByIndex(key.Interface)?.Name, obstacle, new(Environment.TickCount64)))
        {
            _running.Log.News(LogSubject.OfOutside(Name), LogLevel.Warning,
                $"the host's routing leads by a way that can't be taken, so nothing goes there: {obstacle}");
        }
        _routing?.Refuse(key);
    }

    /// <summary>Why the host's routing leads in vain by an interface; null: guests can follow.</summary>
    private string? WhyInVain(OutsideLink link) => _links.FindByIndex(link.Index) switch
    {
        { IsLoopback: true } or { IsEthernet: false, IsBareIp: false } =>
            $"interface {link.Interface} carries neither Ethernet frames nor bare packets of IP to anybody else",
        { Master: not 0 } => $"interface {link.Interface} belongs to a bridge, bond or VRF: routes there must lead by that",
        _ => ObstacleOf(link),
    };
}
