using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux;
using SoftSwitch.Logging;

namespace SoftSwitch.State.Nat;

/// <summary>What becomes due.</summary>
internal sealed partial class OutsideState
{
    /// <summary>What becomes due each second. None of it waits for another.</summary>
    public void Tick(Instant now)
    {
        Step(() => TickLease(now));
        foreach (var translator in Outsides.Select(outside => outside.Translator))
            Step(() => translator.Sweep(now, NaptOptionsOf.SweptPerSecond(translator)));
        Step(() => EndLost(now));
        if (_ways.Any(way => way.HasLost))
            Step(() => FollowAddresses(_facts!));
        foreach (var way in _ways.Where(way => way.HasNews))
            Step(way.UsePorts);
        Step(() =>
        {
            if (_targets.Resolve(now))
                _targets.ApplyChanged(Asked, now);
            _targets.Release();
        });
        if (!IsShared)
            return;
        foreach (var way in _ways)
            GiveWay(way);
        Step(() => _host.Tick(_ports));
        Step(() => _redirections.Tell(_ways.SelectMany(way => way.Redirected)));
        Step(() =>
        {
            _awaited.Tick(now);
            if (_awaited.HasNews && Foremost is not null)
                UsePorts(now);
        });
    }

    /// <summary>What others have of the pool is theirs: programs of the host, and rules of its firewall.</summary>
    private void GiveWay(OutsideWay way)
    {
        if (!IsShared)
            return;
        Step(way.FindRedirected);
        Step(way.GiveWay);
    }

    /// <summary>Sockets keep them: now the guards may, then the wires hear them, and then they lead to guests.</summary>
    private void UsePorts(Instant now)
    {
        foreach (var way in _ways)
            way.UsePorts();
        _targets.ApplyChanged(Asked, now);
        _host.Lead(_ports);
        _awaited.Used();
    }

    private void Step(Action step) => Bulkhead.Run(step, e => Tell(Mistake.Text(e)));
}
