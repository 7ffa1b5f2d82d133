namespace SoftSwitch.SystemTests.Nat;

/// <summary>The same judges before the kernel's masquerade: the world is right, and what they ask for can be had.</summary>
public sealed class KernelTests(KernelTests.Fixture fixture) : TranslationTests(fixture), IClassFixture<KernelTests.Fixture>
{
    public sealed class Fixture : ITranslator
    {
        private readonly Lazy<World> _world = new(() =>
        {
            var world = new World();
            KernelNat.Start(world);
            return world;
        });

        World ITranslator.World => _world.Value;

        string ITranslator.OutsideAddress => World.HostAddress;

        public void Dispose()
        {
            if (_world.IsValueCreated) _world.Value.Dispose();
        }
    }
}
