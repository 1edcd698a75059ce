"""Differentiable drawing of scenes on the CPU: visibility, silhouettes, shading and their gradients, fused.

topology    edges of a mesh and the faces that meet there
geometry    homogeneous set-up of faces, tiles, and the first hit of a point
visibility  what each pixel's centre sees
silhouette  the visible pieces of silhouette edges, pixel by pixel
shading     Phong's formula for one sample, and its derivative
compositing images from samples and silhouette pieces, and their derivative
draw        all of it as one differentiable function of tensors
"""
