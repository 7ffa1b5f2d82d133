using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>A switch with one nat network, for all tests of a class; it has to end in good order.</summary>
public abstract class Translator(string outside, int workers = 1) : TranslationTests.ITranslator
{
    private readonly Lazy<World> _world = new(() => new());
    private SoftSwitchProcess? _switch;

    World TranslationTests.ITranslator.World
    {
        get
        {
            if (!_world.IsValueCreated)
                _switch = _world.Value.Start($$"""
                    workers: {{workers}}
                    networks:
                      dev: { mode: nat, subnet: {{World.Inside}}, outside: {{outside}} }
                    {{_world.Value.Ports}}
                    """);
            return _world.Value;
        }
    }

    string TranslationTests.ITranslator.OutsideAddress => outside.Contains(World.OwnAddress) ? World.OwnAddress : World.HostAddress;

    public void Dispose()
    {
        _switch?.Terminate();
        _switch?.Dispose();
        if (_world.IsValueCreated) _world.Value.Dispose();
    }
}
