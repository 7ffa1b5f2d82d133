using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints.Outside;
using SoftSwitch.Logging;

namespace SoftSwitch.State.Nat;

/// <summary>What becomes due.</summary>
internal sealed partial class OutsideState
{
    /// <summary>What becomes due each second. None of it waits for another.</summary>
    public void Tick(Instant now)
    {
        foreach (var translator in Outsides.Select(outside => outside.Translator))
            Step(() => translator.Sweep(now, NaptOptionsOf.SweptPerSecond(translator)));
        Step(_host.TellLimits);
        Step(() =>
        {
            if (_targets.Resolve(now))
                _targets.ApplyChanged(Outsides, now);
            _targets.Release();
        });
        Step(() =>
        {
            if (IsShared && _wire is { } wire)
                _ports.GiveWay(wire.Translator);
        });
        Step(() =>
        {
            _awaited.Tick(now);
            if (_awaited.HasNews && _wire is { } wire)
                UsePorts(wire, now);
        });
    }

    /// <summary>Sockets keep them: now the guard may, then the wire hears them, and then they lead to guests.</summary>
    private void UsePorts(OutsideBridge wire, Instant now)
    {
        _ports.GuardAgain(wire.Station.Address);
        ((OutsideEndpoint)wire.Port.Endpoint).Filter(OutsideFilter.Shared(wire.Station.Address, _ports.All));
        _targets.ApplyChanged(Outsides, now);
        _host.Listen(_ports, isNews: true);
        _awaited.Used();
    }

    private void Step(Action step) => Bulkhead.Run(step, e => Tell(Mistake.Text(e)));
}
