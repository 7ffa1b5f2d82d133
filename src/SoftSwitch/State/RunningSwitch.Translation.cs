using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Linux;
using SoftSwitch.Model;
using SoftSwitch.State.Changes;
using SoftSwitch.State.Nat;

namespace SoftSwitch.State;

/// <content>How its translation becomes what a model says: it comes with the first network that translates, and goes with the
/// last.</content>
internal sealed partial class RunningSwitch
{
    private OrderedDictionary<string, NatNetwork> Translated(SwitchModel model) =>
        NatNetworks.Of(model, _networks.All.Select(network => network.Nat).OfType<NatNetwork>(), Macs);

    /// <summary>What the machine refuses of translation now; it is tried, and given back.</summary>
    private IReadOnlyList<string> TranslationObstacles(SwitchModel model)
    {
        try
        {
            PrepareTranslation(model, Translated(model));
            TakeBackTranslation();
            return [];
        }
        catch (ChangeRefusedException e)
        {
            return e.Obstacles;
        }
        catch (OutOfMemoryException)
        {
            return [MemoryLimit.Describe()];
        }
    }

    /// <summary>Has all that translation may be refused.</summary>
    private void PrepareTranslation(SwitchModel model, OrderedDictionary<string, NatNetwork> translated)
    {
        if (_nat is null && translated.Count == 0)
            return;
        if (AddressSpaceNeeded.Obstacle(model) is { } obstacle)
            throw new ChangeRefusedException([obstacle]);
        try
        {
            _nat ??= new(this, _control, _control.Post);
            _nat.Prepare(model, [.. translated.Values]);
        }
        catch (Exception e)
        {
            TakeBackTranslation();
            if (e is SystemCallException)
                throw new ChangeRefusedException([e.Message]);
            throw;
        }
    }

    private void TakeBackTranslation()
    {
        _nat?.TakeBack();
        EndIdleTranslation();
    }

    private void LeaveTranslation(IReadOnlyCollection<Membership> leaving)
    {
        var now = new Forwarding.Time.Instant(Environment.TickCount64);
        Step(() => _nat?.EndFlowsOf(leaving, now));
        Step(() => _nat?.Leave(now));
    }

    /// <summary>Networks that are translated otherwise for their guests have other gateways.</summary>
    private void Retranslate(OrderedDictionary<string, NatNetwork> translated)
    {
        foreach (var network in _networks.All)
        {
            var after = translated.GetValueOrDefault(network.Model.Name);
            if (after == network.Nat && after is { Gateway.Membership: null })
                network.PlaceGateway();
            else
                network.Translate(after);
        }
        // Nobody is in a turn of the gateways that have gone.
        Workers.Settle();
    }

    private void ChangeTranslation(SwitchModel model)
    {
        if (_nat is not { } nat)
            return;
        var now = new Forwarding.Time.Instant(Environment.TickCount64);
        nat.Change(model, now);
        EndIdleTranslation();
        // What was remembered is asked for at once.
        Step(() => _nat?.Tick(now));
    }

    private void EndIdleTranslation()
    {
        if (_nat is not { IsIdle: true } idle)
            return;
        _nat = null;
        Step(idle.Dispose);
    }
}
