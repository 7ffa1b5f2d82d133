using System.Collections;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace SoftSwitch.Model;

/// <summary>An immutable list that is equal to another by its items, so that records which hold one compare by what they say. It is an
/// <see cref="IList{T}"/> for those who copy one: they ask that for its length before.</summary>
[CollectionBuilder(typeof(ValueList), nameof(ValueList.Create))]
public sealed class ValueList<T>(ImmutableArray<T> items) : IList<T>, IReadOnlyList<T>, IEquatable<ValueList<T>>
{
    public int Count => items.Length;

    public T this[int index] => items[index];

    T IList<T>.this[int index]
    {
        get => items[index];
        set => throw Immutable();
    }

    bool ICollection<T>.IsReadOnly => true;

    public ReadOnlySpan<T> AsSpan() => items.AsSpan();

    public bool Equals(ValueList<T>? other) => other is not null && AsSpan().SequenceEqual(other.AsSpan(), EqualityComparer<T>.Default);

    public override bool Equals(object? obj) => Equals(obj as ValueList<T>);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var item in items)
            hash.Add(item);
        return hash.ToHashCode();
    }

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)items).GetEnumerator();

    public void CopyTo(T[] array, int arrayIndex) => items.CopyTo(array, arrayIndex);

    public bool Contains(T item) => items.Contains(item);

    public int IndexOf(T item) => items.IndexOf(item);

    void ICollection<T>.Add(T item) => throw Immutable();

    void ICollection<T>.Clear() => throw Immutable();

    bool ICollection<T>.Remove(T item) => throw Immutable();

    void IList<T>.Insert(int index, T item) => throw Immutable();

    void IList<T>.RemoveAt(int index) => throw Immutable();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => $"[{string.Join(", ", items)}]";

    private static NotSupportedException Immutable() => new("it is immutable");
}
