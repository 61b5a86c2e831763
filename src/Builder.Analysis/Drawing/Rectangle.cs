namespace Builder.Analysis.Drawing;

internal readonly record struct Rectangle(double X, double Y, double Width, double Height)
{
    public double Area => Width * Height;

    public Rectangle Inset(double side, double top) =>
        new(X + side, Y + top, Math.Max(0, Width - 2 * side), Math.Max(0, Height - top - side));
}
